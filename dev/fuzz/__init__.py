"""Fuzzing through the front door: valid requests, recorded and then changed in a few places.

A scene is a situation with a form that would be accepted. Each input is a request of a scene, changed,
and sent to the whole application over a real database, which is put back when an input changed it.
Nothing may answer with a 500, and nothing may take seconds.
"""
