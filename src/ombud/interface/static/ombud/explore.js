// Explore is drawn large and with every series where ECharts was brought along. Paper keeps the plain drawing, and so
// does whoever has no script; the table below has every number.
(() => {
  "use strict";
  const told = document.getElementById("explore-data");
  const place = document.getElementById("explore-chart");
  if (!told || !place || !window.echarts) return;
  const data = JSON.parse(told.textContent);
  const COLOURS = ["--accent", "--warn", "--good", "--bad", "--still", "--accent-line", "--warn-line", "--good-line"];
  const LONG = 24; // steps from which on a part of them is looked at
  const many = data.series.length > 1;

  const value = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const percent = (share) => `${Math.round(share * 100)} %`;
  const point = (series, each, place) => ({
    value: each,
    itemStyle: series.few[place] ? { opacity: 0.5, borderColor: value("--text-soft"), borderType: "dashed" } : {},
  });
  const tip = (points) => [
    points[0].name,
    ...points.map((each) => `${each.seriesName}  ${data.series[each.seriesIndex].words[each.dataIndex] || "–"}`),
  ].join("\n");

  const option = () => {
    const soft = value("--text-soft");
    const axis = { axisLine: { lineStyle: { color: value("--line-strong") } }, axisLabel: { color: soft } };
    return {
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      color: COLOURS.map(value),
      textStyle: { fontFamily: value("--font"), color: value("--text") },
      aria: { enabled: true, label: { enabled: false }, decal: { show: many } },
      legend: { show: many, type: "scroll", bottom: 0, textStyle: { color: value("--text") }, pageTextStyle: { color: soft } },
      grid: { left: 8, right: 16, top: 16, bottom: (many ? 36 : 8) + (data.labels.length > LONG ? 36 : 0), containLabel: true },
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true, formatter: tip,
        backgroundColor: value("--raised"), borderColor: value("--line-strong"), textStyle: { color: value("--text") },
      },
      xAxis: { type: "category", data: data.labels, ...axis },
      yAxis: {
        type: "value", min: 0, ...(data.share ? { max: 1 } : {}), ...axis,
        axisLabel: { color: soft, ...(data.share ? { formatter: percent } : {}) },
        splitLine: { lineStyle: { color: value("--line") } },
      },
      dataZoom: data.labels.length > LONG ? [{ type: "inside" }, { type: "slider", bottom: many ? 36 : 8, height: 20 }] : [],
      series: data.series.map((series) => ({
        name: series.name,
        type: data.course ? "line" : "bar",
        stack: data.stacked ? "all" : undefined,
        barMaxWidth: 48,
        data: series.values.map((each, at) => point(series, each, at)),
      })),
    };
  };

  place.hidden = false;
  const chart = window.echarts.init(place, null, { renderer: "canvas" });
  const draw = () => chart.setOption(option(), true);
  draw();
  place.closest(".explore-drawn").classList.add("is-drawn");
  new ResizeObserver(() => chart.resize()).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  const dark = document.getElementById("dark");
  if (dark) new MutationObserver(draw).observe(dark, { attributes: true, attributeFilter: ["media"] });
})();
