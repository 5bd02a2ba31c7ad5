namespace Forge.Cli.Timelines;

/// <summary>What a timeline is drawn with.</summary>
internal sealed record Glyphs(
    string Checkpoint, string Current, string Abandoned, string Line, string Fork, string Across, string Cross, string Join, string End, string Note, string Claim, string Effect,
    string Restore, string Event)
{
    public static Glyphs Drawn { get; } = new("●", "◉", "○", "│", "├", "─", "┼", "┴", "╯", "✎", "⚑", "⚙", "↺", "·");

    public static Glyphs Ascii { get; } = new("*", "@", "o", "|", "|", "-", "+", "+", "/", "!", "c", "e", "r", ".");
}
