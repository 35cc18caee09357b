"""Records in, a leaderboard out.

Importing the package loads none of pandas, pyarrow, scikit-learn or scipy: a name is fetched from
its module the first time it is asked for. `__init__.pyi` says which names there are.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
