using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Sessions;
using Forge.Silo.Http;

namespace Forge.Silo.Checkpoints;

/// <summary>A create in JSON, of which it is not known yet whether it has all that it must have.</summary>
internal sealed record NewCheckpointDraft
{
    private const string Bytes = "application/octet-stream";
    private const string MustBeNamed = "must be an array of ids and sequence numbers";

    /// <summary>
    /// The body. The state is a part of the bytes that were sent, never written anew. If the state is the body, a header has its
    /// content type and the query the rest.
    /// </summary>
    public static JsonShape<NewCheckpointDraft> Shape { get; } = Whole().Optional(
        "difference", JsonKind.Object(StateDifferenceDraft.Shape, new StateDifferenceDraft()),
        "How the state differs from that of a checkpoint, in the place of state.",
        (draft, difference) => draft with { Difference = difference });

    /// <summary>A line of a batch, which has its state whole.</summary>
    public static JsonShape<NewCheckpointDraft> Line { get; } = Whole();

    /// <summary>What is to be saved in the step of a restore, which says where it goes.</summary>
    public static JsonShape<NewCheckpointDraft> Present { get; } = WithState(WithText());

    public string Message { get; init; } = "";

    public IReadOnlyList<string>? Tags { get; init; }

    public CheckpointTrigger Trigger { get; init; }

    public ReadOnlyMemory<byte>? State { get; init; }

    public byte[]? StateBase64 { get; init; }

    public StateDifferenceDraft? Difference { get; init; }

    public string? ContentType { get; init; }

    public CheckpointId Id { get; init; }

    public string? Branch { get; init; }

    public CheckpointReference? Parent { get; init; }

    public IReadOnlyList<CheckpointReference>? Requires { get; init; }

    public long? ExpectedHead { get; init; }

    public IReadOnlyList<NewWriteDraft>? Writes { get; init; }

    public CheckpointReference? WritesUnder { get; init; }

    /// <summary>The create; with a difference its state is the bytes between.</summary>
    /// <param name="path">What goes before the names of properties in errors.</param>
    /// <exception cref="InvalidRequestException">There is no state, or there are two.</exception>
    public NewCheckpoint ToCheckpoint(string path = "") =>
        Difference is not null && (State is not null || StateBase64 is not null)
            ? throw new InvalidRequestException($"{path}state", "must not be given beside difference")
        : Difference is null && State is null == StateBase64 is null
            ? throw new InvalidRequestException($"{path}state", "must be given once, as state or as stateBase64")
        : new NewCheckpoint
        {
            Id = Id,
            Message = Message,
            Tags = Tags ?? [],
            Trigger = Trigger,
            State = State ?? StateBase64 ?? Difference!.Between,
            ContentType = ContentType ?? (State is null ? Bytes : NewCheckpoint.DefaultContentType),
            Branch = Branch,
            Parent = Parent,
            Requires = Requires,
            ExpectedHead = ExpectedHead,
            Writes = Writes is null ? null : NewWriteDraft.ToWrites(Writes, path),
            WritesUnder = WritesUnder,
        };

    /// <summary>The present state of a caller.</summary>
    /// <exception cref="InvalidRequestException">There is no state, or there are two.</exception>
    public PresentState ToPresent()
    {
        var given = ToCheckpoint("save.");
        return new PresentState { Message = given.Message, State = given.State, ContentType = given.ContentType, Tags = given.Tags };
    }

    private static JsonShape<NewCheckpointDraft> Whole() =>
        WithState(WithText().Optional(
            "trigger", JsonKind.TextOf(ParseTrigger), "Why it is taken; manual if nothing is said.",
            (draft, trigger) => draft with { Trigger = trigger }))
            .Optional(
                "id", JsonKind.TextOf(ParseId, "uuid"), "The id; made if it is left out. A repeat with the same id takes effect once.",
                (draft, id) => draft with { Id = id })
            .Optional("branch", JsonKind.Text, "The branch that it is on; main if nothing is said.", (draft, branch) => draft with { Branch = branch })
            .Optional(
                "parent", JsonKind.TextOrIntegerOf(ParseParent),
                "The checkpoint it follows, by id or sequence, or none; the current one of its branch if nothing is said. In a batch also one before it, by its id.",
                (draft, parent) => draft with { Parent = parent })
            .Optional(
                "requires", JsonKind.TextsOrIntegersOf(ParseRequired),
                "The checkpoints that it cannot do without, by id or sequence; none if nothing is said. In a batch also ones before it, by their ids.",
                (draft, requires) => draft with { Requires = requires })
            .Optional(
                "expectedHead", JsonKind.Integer, "The sequence that the head of its branch must have, 0 for a branch without one; any if nothing is said.",
                (draft, head) => draft with { ExpectedHead = head })
            .Optional(
                "writes", NewWriteDraft.Kind,
                "Pending writes to put in the same step under the checkpoint that it follows, or under writesUnder; none if nothing is said.",
                (draft, writes) => draft with { Writes = writes })
            .Optional(
                "writesUnder", JsonKind.TextOrIntegerOf(ParseUnder) with { Query = null },
                "The checkpoint that the writes are put under, by id or sequence; the one that it follows if nothing is said.",
                (draft, under) => draft with { WritesUnder = under });

    private static JsonShape<NewCheckpointDraft> WithText() => new JsonShape<NewCheckpointDraft> { Limit = limits => limits.Create }
        .Required("message", JsonKind.Text, "What the agent says of it.", (draft, message) => draft with { Message = message })
        .Optional("tags", JsonKind.Texts, "Tags.", (draft, tags) => draft with { Tags = tags });

    private static JsonShape<NewCheckpointDraft> WithState(JsonShape<NewCheckpointDraft> shape) => shape
        .Optional(
            "state", JsonKind.Raw, "The state: any JSON, kept byte for byte as it is sent.",
            (draft, state) => draft with { State = state })
        .Optional(
            "stateBase64", JsonKind.Base64, "The state in base 64, in place of state.",
            (draft, bytes) => draft with { StateBase64 = bytes })
        .Optional(
            "contentType", JsonKind.Text with { Query = null },
            "The media type of the state; that of JSON, or of plain bytes for base 64 and a difference, if nothing is said.",
            (draft, type) => draft with { ContentType = type });

    /// <summary>Reads the name of a trigger.</summary>
    private static CheckpointTrigger ParseTrigger(string field, string? name) =>
        name is null ? default : CheckpointTriggerNames.Parse(name);

    /// <summary>Reads the name of a parent.</summary>
    private static CheckpointReference? ParseParent(string field, string? value)
    {
        try
        {
            return value switch
            {
                null => null,

                // An answer and a document have 0 where there is no parent, or nothing.
                "none" or "0" => CheckpointReference.None,
                _ => CheckpointReference.Parse(value),
            };
        }
        catch (InvalidRequestException exception)
        {
            throw new InvalidRequestException(field, "must be an id, a sequence number, 'latest', 'current' or 'none'", exception);
        }
    }

    /// <summary>Reads the name of a checkpoint that is required.</summary>
    private static CheckpointReference ParseRequired(string field, string value)
    {
        try
        {
            if (value is not ("latest" or "current"))
            {
                return CheckpointReference.Parse(value);
            }
        }
        catch (InvalidRequestException exception)
        {
            throw new InvalidRequestException(field, MustBeNamed, exception);
        }

        throw new InvalidRequestException(field, MustBeNamed);
    }

    /// <summary>Reads the name of the checkpoint that writes are put under.</summary>
    private static CheckpointReference? ParseUnder(string field, string? value)
    {
        try
        {
            return value is null ? null : CheckpointReference.Parse(value);
        }
        catch (InvalidRequestException exception)
        {
            throw new InvalidRequestException(field, "must be an id or a sequence number", exception);
        }
    }

    /// <summary>Reads an id.</summary>
    private static CheckpointId ParseId(string field, string? value) =>
        value is null ? default
        : CheckpointId.TryParse(value, out var id) ? id
        : throw new InvalidRequestException(field, "must be a UUID other than the nil one");
}
