using Forge.Checkpoints;
using Forge.Errors;
using Forge.Sessions;
using Forge.Silo.Http;

namespace Forge.Silo.Checkpoints;

/// <summary>The state to save before a restore, in JSON.</summary>
internal sealed record PresentStateDraft
{
    public static JsonShape<PresentStateDraft> Shape { get; } =
        new JsonShape<PresentStateDraft> { Limit = limits => limits.Create }
            .Required("message", JsonKind.Text, "What the agent says of it.", (draft, message) => draft with { Message = message })
            .Optional("tags", JsonKind.Texts, "Tags.", (draft, tags) => draft with { Tags = tags })
            .Optional(
                "state", JsonKind.Raw, "The state: any JSON, kept byte for byte as it is sent.",
                (draft, state) => draft with { State = state })
            .Optional(
                "stateBase64", JsonKind.Base64, "The state in base 64, in place of state.",
                (draft, bytes) => draft with { StateBase64 = bytes })
            .Optional(
                "contentType", JsonKind.Text,
                "The media type of the state; that of JSON, or of plain bytes for base 64, if nothing is said.",
                (draft, type) => draft with { ContentType = type });

    public string Message { get; init; } = "";

    public IReadOnlyList<string>? Tags { get; init; }

    public ReadOnlyMemory<byte>? State { get; init; }

    public byte[]? StateBase64 { get; init; }

    public string? ContentType { get; init; }

    /// <exception cref="InvalidRequestException">There is no state, or there are two.</exception>
    public PresentState ToPresent()
    {
        var given = new NewCheckpointDraft
        {
            Message = Message,
            Tags = Tags,
            State = State,
            StateBase64 = StateBase64,
            ContentType = ContentType,
        }.ToCheckpoint("save.");
        return new PresentState { Message = given.Message, State = given.State, ContentType = given.ContentType, Tags = given.Tags };
    }
}
