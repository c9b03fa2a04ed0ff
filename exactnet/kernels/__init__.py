"""Hot loops on float64 and int64, each with its plain twin and a proof of what may be believed."""

from __future__ import annotations

from exactnet.kernels.signs import UNDECIDED, sign_kernel, sign_table, sign_table_compiled

__all__ = ["UNDECIDED", "sign_kernel", "sign_table", "sign_table_compiled"]
