"""A centre of two hours whose requirement is found by simulation in the tests."""

CENTRE = """
title: Two hours
date: 2027-04-12
open: 08:00-10:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  support:
    volume: [20, 46, 63, 30]
    busyness_cv: 0.1
    handle_time: {mean: 180 s, cv: 1, dist: exponential}
    patience: {mean: 5 min}
"""
