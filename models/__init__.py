"""Models: arrays go in, probabilities come out.

A model is a name, a family, what it takes and a function that builds a scikit-learn classifier.
The built-in ones are declared here without importing what they are built of, so that listing
them costs nothing; so does all that `__init__.pyi` exports, until it is asked for.
"""

import lazy_loader

from models.classical.suite import classical_models
from models.deep import deep_models
from models.registry import register

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

for _declared in (*classical_models(), *deep_models()):
    register(_declared)
