using Forge.Grains.History;

namespace Forge.Grains.Integrity;

/// <summary>
/// What an old event is still needed for by the verification of what is stored. While any of it is there, the trimming of the
/// log must pass the event over.
/// </summary>
/// <param name="Always">True where it is needed as long as the session lives.</param>
/// <param name="Checkpoints">Sequences: needed while the row of any checkpoint in them is stored, shown or not.</param>
/// <param name="Annotation">True where it is needed while the annotation that it attached is stored.</param>
/// <param name="UnlessTaggedAgain">True where it is not needed once a later event changed the same checkpoint's tags, in a session
/// without imports: of what was imported, the first change of tags says with which it came.</param>
internal readonly record struct EventNeeds(
    bool Always, IReadOnlyList<SequenceRange> Checkpoints, bool Annotation, bool UnlessTaggedAgain)
{
    private static readonly EventNeeds Nothing = new(false, [], false, false);

    public static EventNeeds Of(SessionEvent happened)
    {
        // What was written before sessions were chained is held against nothing.
        if (happened.Chain is null)
        {
            return Nothing;
        }

        return happened.Kind switch
        {
            SessionEventKind.Imported => Nothing with { Always = true },
            SessionEventKind.Tagged => Nothing with { Checkpoints = Only(happened), UnlessTaggedAgain = true },
            SessionEventKind.Deleted => Nothing with { Checkpoints = Only(happened) },
            SessionEventKind.Annotated => Nothing with { Annotation = true },
            SessionEventKind.Compacted => Nothing with { Checkpoints = OfCompaction(happened) },
            _ => Nothing,
        };
    }

    private static SequenceRange[] Only(SessionEvent happened) => [new(happened.Sequence, happened.Sequence)];

    private static List<SequenceRange> OfCompaction(SessionEvent happened)
    {
        var detail = EventDetail.Read(happened.Detail);
        var ranges = detail?.Ranges ?? [];
        var checkpoints = new List<SequenceRange>();
        for (var i = 0; i + 1 < ranges.Count; i += 2)
        {
            checkpoints.Add(new SequenceRange(ranges[i], ranges[i + 1]));
        }

        checkpoints.AddRange((detail?.Trunks ?? []).Select(t => new SequenceRange(t, t)));
        return checkpoints;
    }
}
