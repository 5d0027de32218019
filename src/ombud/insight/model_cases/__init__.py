"""The library of model cases: good and bad ones told without names, approved by a second person."""
