// The formats that models can be exported to.

/** "safetensors" is for PyTorch. */
export type ExportFormat = (typeof exportFormats)[number];

export const exportFormats = ["onnx", "safetensors", "keras"] as const;
