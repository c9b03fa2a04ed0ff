import numpy as np

import exactnet
from exactnet.model import Provenance
from exactnet.model.provenance import stored_dtype


def test_unknown_facts_are_left_out() -> None:
    assert Provenance("f").as_strings() == {"source": "f", "version": exactnet.__version__}
    everything = Provenance("f", "ab", "float32", "1", 7).as_strings()
    assert everything == {
        "source": "f",
        "sha256": "ab",
        "stored_dtype": "float32",
        "version": "1",
        "seed": "7",
    }
    assert Provenance("f", seed=0).as_strings()["seed"] == "0"


def test_stored_dtype() -> None:
    assert stored_dtype([[1.0], (2,)]) == "python numbers"
    assert stored_dtype([np.array([1, "x"], dtype=object)]) == "python numbers"
    assert stored_dtype([np.float16(1), np.zeros(2)]) == "float16 + float64"
