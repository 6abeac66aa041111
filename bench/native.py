"""Times OpenCV, PyTorch and scikit-image on one thread, for native.mjs.

Each line of stdin is a request in JSON, and each line of stdout its response. Arrays are base64 of float32, or of
bytes for 8-bit pictures, templates and masks. A library that is not installed is null.

    {"type": "libraries"}                                   -> {"opencv": version, "torch": version, "skimage": version}
    {"type": "prepare", "id", "library", "shape", "input", "weight", "bias", "image",
     "picture", "template", "mask", "shifted"}
                                                            -> {}, or {"unsupported": reason}
    {"type": "time", "id", "calls"}                         -> {"milliseconds": per call}
    {"type": "output", "id"}                                -> {"output"}
    {"type": "dispose", "id"}                               -> {}
"""
import base64
import importlib
import json
import sys
import time

import numpy


def try_import(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


cv2 = try_import("cv2")
torch = try_import("torch")
feature = try_import("skimage.feature")
registration = try_import("skimage.registration")
if cv2:
    cv2.setNumThreads(1)
if torch:
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)


class Unsupported(Exception):
    pass


def array(request, name, shape, kind="float32"):
    text = request.get(name)
    return None if text is None else numpy.frombuffer(base64.b64decode(text), kind).reshape(shape).copy()


def prepare_opencv(request):
    """Prepares an image filter, as bench/contenders/opencv.mjs does."""
    shape = request["shape"]
    if shape["kind"] == "match":
        return prepare_opencv_match(request)
    if shape["kind"] == "phase":
        return prepare_opencv_phase(request)
    borders = {"zeros": cv2.BORDER_CONSTANT, "reflect": cv2.BORDER_REFLECT_101, "replicate": cv2.BORDER_REPLICATE}
    border = borders[shape["paddingMode"]]
    height, width = shape["input"]
    if shape["kind"] == "rgba":
        images = [array(request, "image", (height, width, 4), "uint8")]
        kernels = [array(request, "weight", shape["kernel"])]
    else:
        images = array(request, "input", (shape["ci"], height, width))
        kernels = array(request, "weight", (shape["ci"], *shape["kernel"]))
    results = [numpy.empty_like(image) for image in images]

    def run():
        for image, kernel, result in zip(images, kernels, results):
            cv2.filter2D(image, -1, kernel, dst=result, borderType=border)

    return run, lambda: numpy.stack(results)


def prepare_match(request):
    """Prepares template matching, as bench/contenders/opencv.mjs does."""
    shape = request["shape"]
    planes = (shape["ci"], *shape["input"])
    picture = numpy.ascontiguousarray(array(request, "picture", planes, "uint8").transpose(1, 2, 0))
    small = (shape["ci"], *shape["kernel"])
    template = numpy.ascontiguousarray(array(request, "template", small, "uint8").transpose(1, 2, 0))
    return picture, template, array(request, "mask", shape["kernel"], "uint8")


def prepare_opencv_match(request):
    picture, template, mask = prepare_match(request)
    result = []

    def run():
        result[:] = [cv2.matchTemplate(picture, template, cv2.TM_CCOEFF_NORMED, mask=mask)]

    return run, lambda: result[0]


def pictures_of_phase(request):
    return [array(request, name, request["shape"]["input"]) for name in ("input", "shifted")]


def prepare_opencv_phase(request):
    a, b = pictures_of_phase(request)
    shift = numpy.empty(2, numpy.float32)

    def run():
        # OpenCV returns column and row by which b is shifted against a.
        (x, y), _ = cv2.phaseCorrelate(a, b)
        shift[:] = -y, -x

    return run, lambda: shift


def prepare_skimage(request):
    shape = request["shape"]
    if shape["kind"] == "phase":
        a, b = pictures_of_phase(request)

        def correlate():
            return registration.phase_cross_correlation(a, b, return_error=False)
    elif shape["kind"] == "match" and shape["ci"] == 1 and not shape["masked"]:
        picture, template, _ = prepare_match(request)
        picture, template = picture[:, :, 0].astype(numpy.float32), template[:, :, 0].astype(numpy.float32)

        def correlate():
            return feature.match_template(picture, template)
    else:
        raise Unsupported("is measured for template matching of grey pictures without mask only")
    result = []

    def run():
        result[:] = [correlate()]

    return run, lambda: numpy.asarray(result[0], numpy.float32)


def prepare_torch(request):
    shape = request["shape"]
    if shape["kind"] != "plan":
        raise Unsupported("is measured for repeated forward convolutions only")
    top, bottom, left, right = shape["pads"]
    weight = array(request, "weight", (shape["co"], shape["ci"] // shape["groups"], *shape["kernel"]))
    weight = torch.from_numpy(weight)
    image = torch.from_numpy(array(request, "input", (shape["batch"], shape["ci"], *shape["input"])))
    if shape["layout"] == "nhwc":
        image, weight = [one.contiguous(memory_format=torch.channels_last) for one in (image, weight)]
    bias = array(request, "bias", (shape["co"],))
    bias = None if bias is None else torch.from_numpy(bias)
    same = shape["paddingMode"] == "zeros" and top == bottom and left == right
    mode = {"zeros": "constant"}.get(shape["paddingMode"], shape["paddingMode"])
    last = []

    def run():
        padded = image if same else torch.nn.functional.pad(image, (left, right, top, bottom), mode)
        result = torch.nn.functional.conv2d(
            padded,
            weight,
            bias,
            shape["stride"],
            (top, left) if same else 0,
            shape["dilation"],
            shape["groups"],
        )
        last[:] = [torch.relu_(result) if shape["relu"] else result]

    return run, lambda: last[0].contiguous().numpy()


PREPARE = {"opencv": prepare_opencv, "torch": prepare_torch, "skimage": prepare_skimage}


def respond(request):
    kind = request["type"]
    if kind == "libraries":
        skimage = try_import("skimage")
        versions = {"opencv": cv2, "torch": torch, "skimage": skimage}
        return {name: module and module.__version__.split("+")[0] for name, module in versions.items()}
    if kind == "prepare":
        try:
            prepared[request["id"]] = PREPARE[request["library"]](request)
        except Unsupported as reason:
            return {"unsupported": str(reason)}
        return {}
    if kind == "dispose":
        del prepared[request["id"]]
        return {}
    run, output = prepared[request["id"]]
    if kind == "output":
        return {"output": base64.b64encode(output().tobytes()).decode()}
    begin = time.perf_counter()
    for _ in range(request["calls"]):
        run()
    return {"milliseconds": 1000 * (time.perf_counter() - begin) / request["calls"]}


prepared = {}
for line in sys.stdin:
    print(json.dumps(respond(json.loads(line))), flush=True)
