using Forge.Differences.Trees;

namespace Forge.Differences.Plans;

/// <summary>What becomes of one place of a document.</summary>
/// <param name="container">The container that the place is in; null for the document itself.</param>
internal sealed class Edit(ContainerPlan? container)
{
    public ContainerPlan? Container => container;

    public EditKind Kind { get; set; }

    /// <summary>What was there, unless it is an addition.</summary>
    public JsonPart From { get; init; }

    /// <summary>What is there afterwards, unless it is a removal.</summary>
    public JsonPart To { get; init; }

    /// <summary>In an array: how many elements of the first document's are before the place.</summary>
    public int FromIndex { get; init; }

    /// <summary>In an array: how many elements of the second document's are before the place.</summary>
    public int ToIndex { get; init; }

    /// <summary>The place among the edits of the container.</summary>
    public int Order { get; set; }

    /// <summary>What becomes of the parts of a container that stays.</summary>
    public ContainerPlan? Inside { get; set; }

    /// <summary>Of a removal, the addition of the same; of an addition, the removal. Together they are a move.</summary>
    public Edit? Partner { get; set; }

    /// <summary>The part that has the name of the place, if its container is an object.</summary>
    public JsonPart Named => Kind == EditKind.Add ? To : From;
}

/// <summary>The kinds of edits.</summary>
internal enum EditKind : byte
{
    Remove,
    Add,
    Replace,

    /// <summary>The value stays, and parts of it change.</summary>
    Inside,
}
