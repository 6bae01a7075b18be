import { defineConfig } from "vite";

export default defineConfig({
  // Relative addresses: the map works behind any path of any host.
  base: "./",
  build: {
    target: "es2022",
    // Nothing is inlined, so that a strict content security policy needs no exception.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
});
