"""Other architectures, penalties and activations whose training is a convex programme.

`group_program` states a programme as exact data and `minimum` solves it with a certificate; each other
module writes one family of training problems as such a programme.
"""

from exactnet.convex.variants.group_program import GroupProgram, group_program, program_value, weighted_norm
from exactnet.convex.variants.minimum import ProgramMinimum, certified, minimum_of

__all__ = [
    "GroupProgram",
    "ProgramMinimum",
    "certified",
    "group_program",
    "minimum_of",
    "program_value",
    "weighted_norm",
]
