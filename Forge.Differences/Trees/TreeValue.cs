using System.Runtime.InteropServices;

namespace Forge.Differences.Trees;

/// <summary>One value of a document. All of them lie in one array, each before those that are inside it.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct TreeValue
{
    /// <summary>The same for values that are the same, and seldom for others.</summary>
    public ulong Hash;

    /// <summary>Where its text begins.</summary>
    public int Start;

    /// <summary>How long its text is, of a container with all that is inside.</summary>
    public int Length;

    /// <summary>How long its text is without the white space between its tokens.</summary>
    public int CompactLength;

    /// <summary>The index behind the last value that is inside it.</summary>
    public int Next;

    /// <summary>Where its name begins, behind the quote; -1 if it has none.</summary>
    public int Name;

    /// <summary>How long its name is, as it is written.</summary>
    public int NameLength;

    public ValueKind Kind;
}
