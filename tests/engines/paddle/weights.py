"""Tiny weights of PaddleOCR-VL's architecture, random but the same every time, in the files and folders of the genuine.

Nothing of the genuine model is in them: what is shown by reading with them is that our code and PaddleOCR's fit
together, never that text is read well.
"""

from __future__ import annotations

import io
import json
import string
from pathlib import Path
from typing import Any

#: Names of the pieces that the processors of paddlex and transformers look up.
IMAGE, START, END, VIDEO = "<|IMAGE_PLACEHOLDER|>", "<|IMAGE_START|>", "<|IMAGE_END|>", "<|video_pad|>"
_TEMPLATE = (
    "{%- for message in messages -%}User: {% for part in message.content -%}"
    "{%- if part.type == 'image' -%}" + START + IMAGE + END + "{%- else -%}{{ part.text }}{%- endif -%}"
    "{%- endfor %}\nAssistant: {% endfor -%}"
)
_PATCH = 14


def write_native(folder: Path, model_name: str = "PaddleOCR-VL-1.6-0.9B", *, seed: int = 7) -> None:
    """Everything that paddlex's engine `paddle_dynamic` loads."""
    folder.mkdir(parents=True)
    ids = _sentencepiece(folder / "tokenizer.model")
    _json(folder / "tokenizer_config.json", {**_special(), "tokenizer_class": "LlamaTokenizer"})
    (folder / "chat_template.jinja").write_text(_TEMPLATE)
    _json(folder / "config.json", _config(ids))
    _json(folder / "preprocessor_config.json", _preprocessing())
    _json(folder / "generation_config.json", {"eos_token_id": ids["</s>"], "pad_token_id": ids["<unk>"]})
    (folder / "inference.yml").write_text(f"Global:\n  model_name: {model_name}\n")
    _tensors(folder, seed)


def write_transformers(folder: Path, native: Path) -> None:
    """The same weights with the files that transformers loads instead: its tokenizer is another format."""
    folder.mkdir(parents=True)
    for name in ("config.json", "generation_config.json", "inference.yml", "model.safetensors", "chat_template.jinja"):
        (folder / name).write_bytes((native / name).read_bytes())
    _json(
        folder / "preprocessor_config.json", {**_preprocessing(), "image_processor_type": "PaddleOCRVLImageProcessor"}
    )
    _json(
        folder / "tokenizer_config.json",
        {
            **_special(),
            "tokenizer_class": "PreTrainedTokenizerFast",
            "processor_class": "PaddleOCRVLProcessor",
            "extra_special_tokens": {"image_token": IMAGE},
        },
    )
    _tokenizer_json(native / "tokenizer.model", folder / "tokenizer.json")


def _special() -> dict[str, Any]:
    return {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<unk>", "cls_token": "<s>"}


def _preprocessing() -> dict[str, Any]:
    return {
        "do_resize": True,
        "do_rescale": True,
        "do_normalize": True,
        "do_convert_rgb": True,
        "image_mean": [0.5] * 3,
        "image_std": [0.5] * 3,
        "patch_size": _PATCH,
        "merge_size": 2,
        "temporal_patch_size": 1,
        "min_pixels": 28 * 28 * 4,
        "max_pixels": 28 * 28 * 64,
        "resample": 3,
        "rescale_factor": 1 / 255,
    }


def _config(ids: dict[str, int]) -> dict[str, Any]:
    vision = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_channels": 3,
        "image_size": _PATCH * 8,
        "patch_size": _PATCH,
        "hidden_act": "gelu_pytorch_tanh",
        "layer_norm_eps": 1e-6,
        "spatial_merge_size": 2,
        "temporal_patch_size": 1,
        "tokens_per_second": 2,
        "model_type": "paddleocr_vl",
    }
    return {
        "model_type": "paddleocr_vl",
        "architectures": ["PaddleOCRVLForConditionalGeneration"],
        "vocab_size": len(ids),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-5,
        "rope_theta": 500000.0,
        "rope_scaling": {"mrope_section": [2, 3, 3], "rope_type": "default", "type": "default"},
        "image_token_id": ids[IMAGE],
        "video_token_id": ids[VIDEO],
        "vision_start_token_id": ids[START],
        "vision_end_token_id": ids[END],
        "pad_token_id": ids["<unk>"],
        "bos_token_id": ids["<s>"],
        "eos_token_id": ids["</s>"],
        "use_bias": False,
        "weight_share_add_bias": True,
        "tie_word_embeddings": False,
        "max_position_embeddings": 8192,
        "use_cache": True,
        "vision_config": vision,
    }


def _sentencepiece(path: Path) -> dict[str, int]:
    """Train a vocabulary on letters and write it; returns the id of each piece."""
    import sentencepiece

    letters = string.ascii_letters + string.digits + ":.,-| "
    corpus = ["User: OCR:", "Assistant:", "Table Recognition:", "Formula Recognition:", "Chart Recognition:"]
    corpus += [" ".join(letters[k:] + letters[:k]) for k in range(len(letters))]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus),
        model_writer=model,
        vocab_size=400,
        hard_vocab_limit=False,
        model_type="bpe",
        byte_fallback=True,
        user_defined_symbols=[START, IMAGE, END, VIDEO],
        minloglevel=2,
        num_threads=1,
    )
    path.write_bytes(model.getvalue())
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return {pieces.id_to_piece(number): number for number in range(pieces.get_piece_size())}


def _tokenizer_json(model: Path, path: Path) -> None:
    """The same pieces under the same ids, as a tokenizer of the library `tokenizers`."""
    import sentencepiece
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers

    pieces = sentencepiece.SentencePieceProcessor(model_proto=model.read_bytes())
    names = [pieces.id_to_piece(number) for number in range(pieces.get_piece_size())]
    vocabulary = {name: number for number, name in enumerate(names)}
    # Letters and bytes alone: with so few pieces, merging pairs gains nothing.
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>", byte_fallback=True, fuse_unk=False))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens(
        [AddedToken(name, special=True) for name in ("<s>", "</s>", "<unk>", START, IMAGE, END, VIDEO)]
    )
    tokenizer.save(str(path))


def _tensors(folder: Path, seed: int) -> None:
    """Random numbers in place of each tensor of the architecture, in PyTorch's layout, as published weights have it."""
    import numpy as np
    import safetensors.numpy
    from paddlex.inference.models.doc_vlm.modeling import PaddleOCRVLForConditionalGeneration
    from paddlex.inference.models.doc_vlm.modeling.paddleocr_vl._config import PaddleOCRVLConfig

    model = PaddleOCRVLForConditionalGeneration(PaddleOCRVLConfig.from_pretrained(str(folder)))
    turned = set(model.get_transpose_weight_keys())
    random = np.random.default_rng(seed)
    tensors = {}
    for name, tensor in model.get_hf_state_dict().items():
        shape = tuple(tensor.shape)
        shape = shape[::-1] if name in turned else shape
        plain = name.endswith("norm.weight") or "layernorm" in name or "layer_norm" in name
        scale = 0.02 if plain or "embed" in name else 0.2
        tensors[name] = (random.standard_normal(shape) * scale + (1.0 if plain else 0.0)).astype(np.float32)
    safetensors.numpy.save_file(tensors, str(folder / "model.safetensors"), metadata={"format": "pt"})


def _json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1))
