"""Modelled pictures: formula-driven shapes and textures for pretraining without a photograph.

A class is the parameters of a generator, a picture one draw with these parameters, as in Kataoka
et al., "Pre-training without natural images" (2020, arXiv:2101.08515), whose fractals are one of
the families here.
"""
