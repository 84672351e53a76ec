"""The version of the workflows, which tells the engine who may go on with which.

It grows when the steps of a workflow change, so that a new release does not go on in the middle of
what an old one began: while workers of both run, each does its own, and what the last old worker
leaves is begun anew by the others, from the parts that are done (see `reconcile`). The default, a
hash of the code, would do so with every release.
"""

ENGINE_VERSION = "1"
