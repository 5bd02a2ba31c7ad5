using System.Buffers;

namespace Forge.Cli.Hosting;

/// <summary>Words of commands that are shown to be given.</summary>
internal static class Shell
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:=@%+,");

    /// <summary>A word as a shell takes it for one word, and for nothing else.</summary>
    public static string Quote(string word) => word.Length > 0 && !word.AsSpan().ContainsAnyExcept(Plain)
        ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>An option with its value; nothing if it was not given.</summary>
    public static string Option(string name, string? value) => value is null ? "" : $" {name} {Quote(value)}";
}
