// Builds what the browser loads. In development, /api is passed on to a running Pinlab.

import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

const proxy = {
  '/api': { target: process.env.PINLAB_DEV_API ?? 'http://127.0.0.1:8080', ws: true },
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte()],
  server: { proxy },
  preview: { proxy },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    // The content security policy allows neither data: fonts nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
