using System.Globalization;
using System.Security;
using System.Text;

namespace Forge.Benchmarks.Reporting.Charts;

/// <summary>A picture of lines, boxes and words that reads well on light and on dark pages.</summary>
internal sealed class Svg(int width, int height)
{
    private readonly StringBuilder _body = new();

    public void Box(double x, double y, double boxWidth, double boxHeight, string colour) => Append(
        $"""<rect x="{x:0.#}" y="{y:0.#}" width="{boxWidth:0.#}" height="{boxHeight:0.#}" rx="2" fill="{colour}"/>""");

    public void Line(double x1, double y1, double x2, double y2, string colour, double thickness) => Append(
        $"""<line x1="{x1:0.#}" y1="{y1:0.#}" x2="{x2:0.#}" y2="{y2:0.#}" stroke="{colour}" stroke-width="{thickness:0.#}"/>""");

    public void Dot(double x, double y, string colour) => Append($"""<circle cx="{x:0.#}" cy="{y:0.#}" r="3.5" fill="{colour}"/>""");

    public void Text(double x, double y, string text, string anchor = "start", int size = 12, bool bold = false) => Append(
        $"""<text x="{x:0.#}" y="{y:0.#}" text-anchor="{anchor}" font-size="{size}" font-weight="{(bold ? "bold" : "normal")}">{SecurityElement.Escape(text)}</text>""");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="system-ui, sans-serif">
        <rect width="{width}" height="{height}" fill="#ffffff"/>
        {_body}</svg>

        """);

    private void Append(FormattableString element) => _body.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
