using Spectre.Console.Rendering;

namespace Forge.Cli.Terminal;

/// <summary>What is known of one thing, a line for each.</summary>
internal sealed class Fields
{
    private readonly List<(string Name, string Value)> _fields = [];

    /// <summary>Adds a line; none if there is no value.</summary>
    public Fields Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            _fields.Add((name, Harmless.Line(value)));
        }

        return this;
    }

    /// <summary>Writes them.</summary>
    public void WriteTo(Screen screen)
    {
        var width = _fields.Max(field => field.Name.Length) + 2;
        foreach (var (name, value) in _fields)
        {
            screen.Whole(new Segment(name.PadRight(width), Styles.Dim), new Segment(value));
        }
    }
}
