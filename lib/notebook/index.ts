// What notebooks use to show outputs. It needs our Jupyter kernel, so it is not part of the library's root.
export { showFigure, showTable, showText } from "./display";
export { liveTraining, showTraining } from "./live-training";
export { showPlayground } from "./playground";
