using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Checkpoints;

/// <summary>Checkpoints as a table, and one by itself.</summary>
internal static class CheckpointColumns
{
    public static Columns Make() => new(">#", "CREATED", "BRANCH", ">SIZE", "TRIGGER", "TAGS", "MESSAGE");

    public static void Add(Columns columns, CheckpointShape checkpoint) => columns.Add(
        Said.Number(checkpoint.Sequence), Said.Time(checkpoint.CreatedAt), checkpoint.Branch ?? "", Said.Bytes(checkpoint.Size), checkpoint.Trigger,
        string.Join(", ", checkpoint.Tags), checkpoint.Message);

    /// <summary>All that is known of a checkpoint but its state.</summary>
    public static Fields FieldsOf(CheckpointShape checkpoint)
    {
        var fields = new Fields()
            .Add("sequence", Said.Number(checkpoint.Sequence))
            .Add("id", checkpoint.Id)
            .Add("message", checkpoint.Message)
            .Add("created", Said.Time(checkpoint.CreatedAt))
            .Add("branch", checkpoint.Branch)
            .Add("parent", checkpoint.Parent is { } parent ? $"#{parent}{(checkpoint.KeptParent == parent ? "" : " (gone)")}" : "none")
            .Add("tags", string.Join(", ", checkpoint.Tags))
            .Add("trigger", checkpoint.Trigger)
            .Add("requires", string.Join(", ", (checkpoint.Requires ?? []).Select(sequence => $"#{sequence}")))
            .Add("state", $"{checkpoint.ContentType}, {Said.Bytes(checkpoint.Size)}")
            .Add("sha256", checkpoint.Checksum)
            .Add("anchor", checkpoint is { Position: { } position, Chain: { } chain } ? $"{position}:{chain}" : null);
        foreach (var note in checkpoint.Annotations ?? [])
        {
            fields.Add("note", $"[{note.Severity}] {note.Text} ({Said.Time(note.At)})");
        }

        return fields;
    }
}
