"""Plugins: files and installed distributions that declare models, features and datasets."""

from benchmark.plugins.loading import check_not_loading as check_not_loading
from benchmark.plugins.loading import load_all as load_all
from benchmark.plugins.loading import load_installed as load_installed
from benchmark.plugins.loading import load_origin as load_origin
from benchmark.plugins.loading import load_plugin as load_plugin
from benchmark.plugins.sources import Sources as Sources
from benchmark.plugins.sources import sources_of as sources_of
