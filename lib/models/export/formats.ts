// The formats that models can be exported to.

/** "safetensors" is for PyTorch. */
export type ExportFormat = "onnx" | "safetensors" | "keras";

export const exportFormats: readonly ExportFormat[] = ["onnx", "safetensors", "keras"];
