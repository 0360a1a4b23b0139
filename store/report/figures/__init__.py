"""The report's plots, as the plain data that plotly.js takes.

Colours are names of CSS variables, `var(--best)`, and the colour scale is a word, `scale` or
`diverging`: the page resolves them when it draws, so that one file serves light, dark and paper.
Text of the user's goes through `style.plain`: plotly.js would read HTML and templates in it.
"""
