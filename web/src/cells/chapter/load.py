import torch
from d2l import torch as d2l
