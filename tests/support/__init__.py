"""Builders and fixtures that the tests of several areas share."""
