// Durations as text.

/** "3.3 minutes" */
export const formatMinutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} minutes`;

/** "45 s", "3 min 20 s", "1 h 5 min" */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
