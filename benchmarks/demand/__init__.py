"""How good forecasts are: means, quantiles, promotions, new products."""
