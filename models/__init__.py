"""Models: arrays go in, probabilities come out.

A model is a name, a family, what it eats and a function that builds a scikit-learn classifier.
The built-in ones are declared here without importing what they are built of, so that listing
them costs nothing.
"""

import models.classical
import models.resnet
from models.registry import (
    Context,
    Model,
    ModelError,
    Unavailable,
    forget,
    model,
    register,
    registered,
    select,
)

for _declared in (*models.classical.declared(), *models.resnet.declared()):
    register(_declared)

__all__ = [
    "Context",
    "Model",
    "ModelError",
    "Unavailable",
    "forget",
    "model",
    "register",
    "registered",
    "select",
]
