"""Look-ups: what another system of the company knows of an order, a product, a person, asked while a form is open."""
