"""A layout model that finds the same blocks on every page: constant boxes, in PP-DocLayoutV3's formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

#: Label, and corners as shares of the page's width and height; in reading order.
Placed = tuple[str, tuple[float, float, float, float]]

LABELS = (
    "abstract algorithm aside_text chart content display_formula doc_title figure_title footer footer_image footnote "
    "formula_number header header_image image inline_formula number paragraph_title reference reference_content seal "
    "table text vertical_text vision_footnote"
).split()
WHOLE_PAGE: tuple[Placed, ...] = (("text", (0.0, 0.0, 1.0, 1.0)),)


def write_layout(folder: Path, blocks: Sequence[Placed] = WHOLE_PAGE, model_name: str = "PP-DocLayoutV3") -> None:
    """Write inference.onnx and inference.yml.

    The model multiplies shares by the page's sides, which it gets as im_shape / scale_factor.
    """
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    folder.mkdir(parents=True)
    rows = np.array([[LABELS.index(label), 0.9, *place, n] for n, (label, place) in enumerate(blocks)], np.float32)

    def constant(name: str, value: Any, kind: Any) -> Any:
        return numpy_helper.from_array(np.array(value, kind), name)

    nodes = [
        helper.make_node("Div", ["im_shape", "scale_factor"], ["sides"]),
        helper.make_node("Gather", ["sides", "corners"], ["scales"], axis=1),
        helper.make_node("Div", ["im_shape", "im_shape"], ["ones"]),
        helper.make_node("Gather", ["ones", "first"], ["one"], axis=1),
        helper.make_node("Concat", ["one", "one", "scales", "one"], ["factors"], axis=1),
        helper.make_node("Unsqueeze", ["factors", "axis"], ["wide"]),
        helper.make_node("Mul", ["wide", "rows"], ["placed"]),
        helper.make_node("Reshape", ["placed", "flat"], ["boxes"]),
        helper.make_node("Mul", ["one", "count"], ["counts"]),
        helper.make_node("Reshape", ["counts", "line"], ["counted"]),
        helper.make_node("Cast", ["counted"], ["nums"], to=TensorProto.INT32),
    ]
    given = [
        constant("corners", [1, 0, 1, 0], np.int64),
        constant("first", [0], np.int64),
        constant("axis", [1], np.int64),
        constant("rows", rows[None], np.float32),
        constant("flat", [-1, 7], np.int64),
        constant("line", [-1], np.int64),
        constant("count", [len(blocks)], np.float32),
    ]
    graph = helper.make_graph(
        nodes,
        "layout",
        [
            helper.make_tensor_value_info("im_shape", TensorProto.FLOAT, ["N", 2]),
            helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, 800, 800]),
            helper.make_tensor_value_info("scale_factor", TensorProto.FLOAT, ["N", 2]),
        ],
        [
            helper.make_tensor_value_info("boxes", TensorProto.FLOAT, ["M", 7]),
            helper.make_tensor_value_info("nums", TensorProto.INT32, ["N"]),
        ],
        given,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(folder / "inference.onnx"))
    (folder / "inference.yml").write_text(_YML.format(name=model_name, labels="\n".join(f"- {one}" for one in LABELS)))


def write_layout_for_paddle(folder: Path, blocks: Sequence[Placed] = WHOLE_PAGE) -> None:
    """The same model in Paddle's format: inference.json, inference.pdiparams and inference.yml."""
    import numpy as np
    import paddle

    folder.mkdir(parents=True)
    rows = np.array([[LABELS.index(label), 0.9, *place, n] for n, (label, place) in enumerate(blocks)], np.float32)

    class Layout(paddle.nn.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            given = paddle.nn.initializer.Assign(rows[None])
            self.rows = self.create_parameter([1, *rows.shape], default_initializer=given)

        def forward(self, im_shape: Any, image: Any, scale_factor: Any) -> Any:
            sides = im_shape / scale_factor
            height, width = sides[:, :1], sides[:, 1:]
            # The picture counts for nothing, and has to be used all the same, or it would be no input.
            one = height / height + 0 * image.mean(axis=[1, 2, 3], keepdim=False).unsqueeze(-1)
            factors = paddle.concat([one, one, width, height, width, height, one], axis=1)
            boxes = (factors.unsqueeze(1) * self.rows).reshape([-1, 7])
            return boxes, (one[:, 0] * len(blocks)).cast("int32")

    shapes = {"im_shape": [None, 2], "image": [None, 3, 800, 800], "scale_factor": [None, 2]}
    given = [paddle.static.InputSpec(shape, "float32", name) for name, shape in shapes.items()]
    paddle.jit.save(paddle.jit.to_static(Layout(), input_spec=given, full_graph=True), str(folder / "inference"))
    text = _YML.format(name="PP-DocLayoutV3", labels="\n".join(f"- {one}" for one in LABELS))
    (folder / "inference.yml").write_text(text)


_YML = """\
mode: paddle
draw_threshold: 0.3
arch: DETR
Global:
  model_name: {name}
Preprocess:
- type: Resize
  interp: 2
  keep_ratio: false
  target_size: [800, 800]
- type: NormalizeImage
  mean: [0.0, 0.0, 0.0]
  std: [1.0, 1.0, 1.0]
  norm_type: none
  is_scale: true
- type: Permute
label_list:
{labels}
"""
