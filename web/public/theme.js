// Sets the theme before the first picture. A file of its own: the content security policy forbids inline scripts.
{
  let kept = null
  try {
    kept = localStorage.getItem('pinlab.theme')
  } catch {
    // Storage is forbidden here; the system's theme is used.
  }
  const light =
    kept === 'light' || (kept !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches)
  document.documentElement.dataset.theme = light ? 'light' : 'dark'
}
