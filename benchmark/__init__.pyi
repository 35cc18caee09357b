from . import datasets as datasets
from .calls.boards import compare as compare
from .calls.boards import merge as merge
from .calls.boards import report as report
from .calls.features import features as features
from .calls.features import montage as montage
from .calls.models import check as check
from .calls.models import models as models
from .calls.models import weights as weights
from .calls.runs import curve as curve
from .calls.runs import run as run
from .errors import InputError as InputError

__version__: str
