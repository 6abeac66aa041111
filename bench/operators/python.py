"""Evaluates the probes of PyTorch, SciPy and scikit-image for operators/python.mjs.

Reads {"arrays": {name: {shape, data}}, "torch": {id: snippet}, …} from stdin, and writes
{"torch": {"version", "results": {id: [{shape, data}, …] or {"error"}}}, …}. A library that is not installed is null.
"""
import importlib
import json
import sys

request = json.load(sys.stdin)


def to_json(value):
    values = value if isinstance(value, (list, tuple)) else [value]
    arrays = [numpy.asarray(one.detach() if hasattr(one, "detach") else one) for one in values]
    return [{"shape": one.shape, "data": one.ravel().astype("float64").tolist()} for one in arrays]


def evaluate(snippets, names):
    results = {}
    for key, snippet in snippets.items():
        try:
            results[key] = to_json(eval(snippet, dict(names)))
        except Exception as error:
            results[key] = {"error": f"{type(error).__name__}: {error}"}
    return results


def try_import(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


numpy = try_import("numpy")
torch = numpy and try_import("torch")
signal = numpy and try_import("scipy.signal")
skimage = numpy and try_import("skimage")
output = {"torch": None, "scipy": None, "skimage": None}
if numpy:
    arrays = {
        name: numpy.array(one["data"], dtype="float32").reshape(one["shape"]) for name, one in request["arrays"].items()
    }
    images = {"rgba": numpy.array(request["rgba"]["data"], dtype="uint8").reshape(request["rgba"]["shape"])}
if torch:
    names = {name: torch.tensor(array) for name, array in arrays.items()}
    functional = importlib.import_module("torch.nn.functional")
    grad = importlib.import_module("torch.nn.grad")
    names.update(torch=torch, F=functional, grad=grad)
    output["torch"] = {"version": torch.__version__, "results": evaluate(request["torch"], names)}
if signal:
    scipy = importlib.import_module("scipy")
    ndimage = importlib.import_module("scipy.ndimage")
    special = importlib.import_module("scipy.special")
    names = {**arrays, **images, "np": numpy, "signal": signal, "ndimage": ndimage, "special": special}
    output["scipy"] = {"version": scipy.__version__, "results": evaluate(request["scipy"], names)}
if skimage:
    parts = {name: importlib.import_module(f"skimage.{name}") for name in ("feature", "registration", "transform")}
    names = {**arrays, **images, **parts, "np": numpy}
    output["skimage"] = {"version": skimage.__version__, "results": evaluate(request["skimage"], names)}
json.dump(output, sys.stdout)
