// Says beside the threshold's slider what its value would have meant for the questions of the report.
export const startThreshold = (box) => {
  const slider = box.querySelector("input[type=range]");
  const output = box.querySelector("output");
  const curve = JSON.parse(box.dataset.threshold);
  const { said, never } = box.dataset;

  const share = (value) => {
    const after = curve.findIndex(([at]) => at >= value);
    if (after === -1) return curve.at(-1)[1];
    if (after === 0) return curve[0][1] * (value / curve[0][0]);
    const [[x0, y0], [x1, y1]] = [curve[after - 1], curve[after]];
    return y0 + ((value - x0) / (x1 - x0)) * (y1 - y0);
  };
  const show = () => {
    const value = Number(slider.value);
    const words = value === 0 || !curve.length ? never : said.replace("%(share)s", Math.round(100 * share(value)));
    output.textContent = value === 0 || curve.length ? words.replace("%(value)s", value.toFixed(2)) : value.toFixed(2);
  };
  slider.addEventListener("input", show);
  show();
};
