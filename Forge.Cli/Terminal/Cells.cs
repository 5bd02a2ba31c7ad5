using System.Text;
using Spectre.Console.Rendering;

namespace Forge.Cli.Terminal;

/// <summary>How many columns of a terminal a text takes.</summary>
internal static class Cells
{
    /// <summary>No sign takes more.</summary>
    public const int Most = 2;

    /// <summary>The columns of a text. One of plain letters has as many as letters, without what it takes to know all others.</summary>
    public static int Of(string text) => Ascii.IsValid(text) ? text.Length : new Segment(text).CellCount();
}
