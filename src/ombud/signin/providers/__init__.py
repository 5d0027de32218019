"""The kinds of providers of single sign-on, each in a folder of its own."""
