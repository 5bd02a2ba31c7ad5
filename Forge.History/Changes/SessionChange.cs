using Forge.History.Rows;

namespace Forge.History.Changes;

/// <summary>
/// One thing that a commit changes. The kinds are a closed set: whoever applies changes is an <see cref="IChangeVisitor"/>, so
/// that a new kind does not compile before each store knows it.
/// </summary>
internal abstract record SessionChange
{
    private protected SessionChange()
    {
    }

    /// <summary>What a change takes beside its texts and bytes: in memory, on the wire and as a row.</summary>
    private protected const long Frame = 128;

    /// <summary>About the bytes that it takes while it waits and on the wire.</summary>
    public virtual long Weight => Frame;

    /// <summary>
    /// True if it adds to what is stored for longer than a moment. What does not is written on a full disk too, for it frees space or
    /// is small.
    /// </summary>
    public virtual bool NeedsRoom => false;

    public abstract void Accept(IChangeVisitor visitor);

    /// <summary>About the bytes of a text.</summary>
    public static long WeightOf(string? text) => sizeof(char) * (text?.Length ?? 0L);

    /// <summary>About the bytes of texts.</summary>
    public static long WeightOf(IReadOnlyList<string> texts)
    {
        var weight = 0L;
        for (var i = 0; i < texts.Count; i++)
        {
            weight += 32 + WeightOf(texts[i]);
        }

        return weight;
    }
}

/// <summary>A checkpoint is added; its sequence is above those of all rows that are there.</summary>
internal sealed record Created(StoredCheckpoint Row) : SessionChange
{
    public override bool NeedsRoom => true;

    public override long Weight => WeightOf(Row.Stored.Length, Row.Message, Row.Tags) + WeightOf(Row.Branch) + WeightOf(Row.Requires);

    /// <summary>The weight of the create of a checkpoint.</summary>
    /// <param name="stateBytes">The length of its state as it is held.</param>
    /// <param name="message">Its message.</param>
    /// <param name="tags">Its tags.</param>
    public static long WeightOf(int stateBytes, string message, IReadOnlyList<string> tags) =>
        (2 * Frame) + stateBytes + WeightOf(message) + WeightOf(tags);

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>A checkpoint has other tags from now on.</summary>
internal sealed record Tagged(long Sequence, IReadOnlyList<string> Tags) : SessionChange
{
    public override bool NeedsRoom => true;

    public override long Weight => Frame + WeightOf(Tags);

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>
/// A row whose state can't be decoded is given a full copy of it in its place. Nothing that the session shows changes. A row that
/// has another SHA-256 or size, or is gone, stays as it is.
/// </summary>
/// <param name="Copy">The full copy, with the group that the row was stored in.</param>
internal sealed record Mended(EncodedState Copy) : SessionChange
{
    public override bool NeedsRoom => true;

    public override long Weight => Frame + Copy.Stored.Length;

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>A note is attached to a checkpoint.</summary>
internal sealed record Annotated(NewAnnotation Note) : SessionChange
{
    public override bool NeedsRoom => true;

    public override long Weight => Frame + WeightOf(Note.Text);

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>
/// A checkpoint is not visible from now on, and its tags and annotations go. A store adds a removed range for it; the row goes
/// later, since others may be decoded on it.
/// </summary>
internal sealed record Removed(long Sequence) : SessionChange
{
    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>
/// A pending write stands under a checkpoint from now on, in the place of one with its key. It goes with its checkpoint, whose removal
/// hides it; the row goes later.
/// </summary>
internal sealed record Wrote(StoredWrite Row) : SessionChange
{
    public override bool NeedsRoom => true;

    public override long Weight =>
        (2 * Frame) + Row.Value.Length + WeightOf(Row.Task) + WeightOf(Row.Name) + WeightOf(Row.ContentType);

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>Nothing in a range of sequences is visible from now on; the rows go later with all that hangs on them.</summary>
internal sealed record RangeRemoved(SequenceRange Range) : SessionChange
{
    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>Each checkpoint that is visible in a range of sequences once the commit is there has a child that went: it is a trunk.</summary>
internal sealed record TrunksMarked(SequenceRange Range) : SessionChange
{
    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>A branch of the session, but main, stands elsewhere from now on. One without checkpoints is no more.</summary>
/// <param name="Branch">Where it stands.</param>
internal sealed record BranchMoved(SessionBranch Branch) : SessionChange
{
    public override long Weight => Frame + WeightOf(Branch.Branch);

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>Something other than a create happened, which has a row in the log.</summary>
internal sealed record Logged(SessionEvent Event) : SessionChange
{
    public override long Weight => Frame + WeightOf(Event.Detail);

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>A request is remembered. One with an id that is there already makes the commit <see cref="CommitStatus.Duplicate"/>.</summary>
internal sealed record Remembered(RememberedRequest Request) : SessionChange
{
    public override long Weight => Frame + WeightOf(Request.Kind) + WeightOf(Request.Outcome);

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>
/// The session has these labels, and no others, from now on: those of the settings that the head has with the commit. They are rows by
/// which it is found, and small.
/// </summary>
internal sealed record Labelled(IReadOnlyList<StoredLabel> Labels) : SessionChange
{
    public override long Weight
    {
        get
        {
            var weight = Frame;
            for (var i = 0; i < Labels.Count; i++)
            {
                weight += Frame + WeightOf(Labels[i].Name) + WeightOf(Labels[i].Value);
            }

            return weight;
        }
    }

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>The session, which was deleted and of which nothing is left, lives again: it is found by when it was active from now on.</summary>
internal sealed record Revived : SessionChange
{
    public override bool NeedsRoom => true;

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>There is work for later; of two for the same session and kind the one that is due earlier stands.</summary>
internal sealed record Due(DueWorkKind Kind, DateTimeOffset At) : SessionChange
{
    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>
/// Rows that were staged become the session's. The staging's due work goes; if it is not there or was ever claimed, rows
/// may be missing, and the batch is rejected as <see cref="CommitStatus.Refused"/>.
/// </summary>
/// <param name="Key">The key under which they were staged; the head's if the session is new.</param>
/// <param name="Offset">
/// What is added to their positions, which count from 1: the position before the first of them. 0 if the session is new.
/// </param>
/// <param name="Require">True if some of them require others, so that there are rows of the index of that.</param>
/// <param name="Writes">True if some of them have pending writes.</param>
internal sealed record TookOver(long Key, long Offset, bool Require = false, bool Writes = false) : SessionChange
{
    /// <summary>True if effects come along.</summary>
    public bool HasEffects { get; init; }

    public override bool NeedsRoom => true;

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>
/// The session's claim is another from now on. The head row has it; this keeps the commit from being taken for one of creates alone,
/// which leave the columns of the claim as they stand.
/// </summary>
internal sealed record Claimed : SessionChange
{
    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>The session was forked, and this is its link to its origin. Only in the commit that makes the session.</summary>
internal sealed record BeganFrom(ForkLink Link) : SessionChange
{
    public override bool NeedsRoom => true;

    public override long Weight => Frame + WeightOf(Link.Origin);

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>An effect stands so from now on. At most one of a key in a commit.</summary>
/// <param name="Row">Its row, sealed.</param>
/// <param name="Begins">True if it begins a run: what was begun already is recorded on a full disk too.</param>
internal sealed record EffectSet(StoredEffect Row, bool Begins) : SessionChange
{
    public override bool NeedsRoom => Begins;

    public override long Weight => Frame + Row.Weight;

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>Effects go, since they are settled and have the age for it.</summary>
internal sealed record EffectsRemoved(IReadOnlyList<string> Keys) : SessionChange
{
    public override long Weight => Frame + WeightOf(Keys);

    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}

/// <summary>
/// What is due by the session's schedule is another from now on. The head row has it; this keeps the commit from being taken for one of
/// creates alone, which leave its column as it stands.
/// </summary>
internal sealed record DueStateMoved : SessionChange
{
    public override void Accept(IChangeVisitor visitor) => visitor.Visit(this);
}
