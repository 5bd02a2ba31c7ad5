using System.Net.Mime;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    /// <summary>Begins to save states behind the caller's back, on the branch and under the claim of this handle. Makes no call.</summary>
    /// <param name="options">Its bounds; null for the defaults.</param>
    /// <exception cref="InvalidRequestException">An option is out of its bounds.</exception>
    public BackgroundSaver SaveLater(BackgroundSaverOptions? options = null)
    {
        options ??= new BackgroundSaverOptions();
        options.Validate();
        return new BackgroundSaver(this, options, _time);
    }

    /// <summary>A checkpoint that is yet to be saved, by as many attempts as it takes, so that it has an id now.</summary>
    internal NewCheckpoint NewUnsaved<T>(T state, string message, IReadOnlyList<string>? tags, CheckpointOptions? options) =>
        WithOwnId(NewCheckpoint(state, message, tags, options));

    /// <summary>The same of bytes, which are copied.</summary>
    internal NewCheckpoint NewUnsaved(
        ReadOnlyMemory<byte> state, string message, IReadOnlyList<string>? tags, CheckpointOptions? options) =>
        WithOwnId(Describe(state.ToArray(), MediaTypeNames.Application.Octet, message, tags, options));

    internal Task<CreateResult> SaveAsync(NewCheckpoint checkpoint) => CreateAsync(checkpoint, CancellationToken.None);

    private NewCheckpoint WithOwnId(NewCheckpoint checkpoint) =>
        HasNoId(checkpoint) ? checkpoint with { Id = CheckpointId.Create(_time.GetUtcNow()) } : checkpoint;
}
