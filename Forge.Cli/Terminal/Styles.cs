using Spectre.Console;

namespace Forge.Cli.Terminal;

/// <summary>What the colours mean. They are of the sixteen that every terminal has, and never the only sign of anything.</summary>
internal static class Styles
{
    public static Style Plain { get; } = Style.Plain;

    public static Style Dim { get; } = new(decoration: Decoration.Dim);

    public static Style Strong { get; } = new(decoration: Decoration.Bold);

    public static Style Good { get; } = new(Color.Green);

    public static Style Bad { get; } = new(Color.Red);

    public static Style Warning { get; } = new(Color.Olive);

    public static Style Name { get; } = new(Color.Teal);

    public static Style Tag { get; } = new(Color.Purple);

    /// <summary>The lanes of a timeline, in turn.</summary>
    public static IReadOnlyList<Style> Lanes { get; } =
        [new(Color.Teal), new(Color.Purple), new(Color.Olive), new(Color.Green), new(Color.Navy), new(Color.Maroon)];
}
