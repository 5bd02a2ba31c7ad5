using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Changes;

namespace Forge.Grains.Rules;

/// <summary>Checks pending writes against the limits.</summary>
internal static class WriteRules
{
    private const string Field = "writes";

    /// <summary>The writes of a change, of which there must be one.</summary>
    /// <exception cref="InvalidRequestException">There is none, two have one key, or a value is bad.</exception>
    /// <exception cref="OverLimitException">There are too many, or one is too large.</exception>
    public static IReadOnlyList<NewWrite> Require(IReadOnlyList<NewWrite>? writes, LimitsOptions limits)
    {
        if (writes is null or [])
        {
            throw new InvalidRequestException(Field, "must not be empty");
        }

        if (writes.Count > limits.WriteRecords)
        {
            throw new OverLimitException(Field, limits.WriteRecords, writes.Count, "records");
        }

        var keys = new HashSet<(string, int)>(writes.Count);
        for (var i = 0; i < writes.Count; i++)
        {
            Require($"{Field}[{i}]", writes[i], limits);
            if (!keys.Add((writes[i].Task, writes[i].Index)))
            {
                throw new InvalidRequestException($"{Field}[{i}]", "has the task and index of another one of the same request");
            }
        }

        var bytes = writes.Sum(write => (long)write.Value.Length);
        return writes.Count == 1 || bytes <= limits.BatchBytes
            ? writes
            : throw new OverLimitException(Field, limits.BatchBytes, bytes, "bytes");
    }

    /// <summary>Checks that the lines of a batch bring no more writes together than a call may.</summary>
    /// <exception cref="OverLimitException">They are too many, or too large together.</exception>
    public static void RequireTogether(IReadOnlyList<NewCheckpoint> batch, LimitsOptions limits)
    {
        var (lines, count, bytes) = (0, 0L, 0L);
        foreach (var writes in batch.Select(line => line?.Writes).Where(writes => writes is { Count: > 0 }))
        {
            (lines, count) = (lines + 1, count + writes!.Count);
            bytes += writes.Sum(write => (long)(write?.Value.Length ?? 0));
        }

        // What one line brings is checked with the line.
        if (lines > 1 && count > limits.WriteRecords)
        {
            throw new OverLimitException(Field, limits.WriteRecords, count, "records");
        }

        if (lines > 1 && bytes > limits.BatchBytes)
        {
            throw new OverLimitException(Field, limits.BatchBytes, bytes, "bytes");
        }
    }

    /// <summary>The writes of a create; null if it has none.</summary>
    /// <exception cref="InvalidRequestException">Two have one key, a value is bad, or there is nothing that they can be under.</exception>
    /// <exception cref="OverLimitException">There are too many, or one is too large.</exception>
    public static IReadOnlyList<WriteCommand>? Check(NewCheckpoint checkpoint, LimitsOptions limits)
    {
        if (checkpoint.Writes is null or [])
        {
            return checkpoint.WritesUnder is null
                ? null
                : throw new InvalidRequestException("writesUnder", "must not be given without writes");
        }

        if (checkpoint.WritesUnder is { } under && (under.IsLatest || under.IsCurrent || under.IsNone))
        {
            throw new InvalidRequestException("writesUnder", "must be an id or a sequence number");
        }

        return checkpoint is { WritesUnder: null, Parent.IsNone: true }
            ? throw new InvalidRequestException(Field, "must name the checkpoint that they are put under: a root has no parent")
            : Commands(Require(checkpoint.Writes, limits));
    }

    /// <summary>The writes with the SHA-256 of each value.</summary>
    public static IReadOnlyList<WriteCommand> Commands(IReadOnlyList<NewWrite> writes) => [.. writes.Select(WriteCommand.Of)];

    /// <summary>About the bytes that writes take while they wait and on the wire.</summary>
    public static long WeightOf(IReadOnlyList<NewWrite>? writes)
    {
        var weight = 0L;
        for (var i = 0; i < writes?.Count; i++)
        {
            weight += 256 + writes[i].Value.Length + SessionChange.WeightOf(writes[i].Task) + SessionChange.WeightOf(writes[i].Name);
        }

        return weight;
    }

    private static void Require(string field, NewWrite? write, LimitsOptions limits)
    {
        if (write is null)
        {
            throw new InvalidRequestException(field, "must be given");
        }

        TextRules.RequireCharacters($"{field}.task", write.Task, NewWrite.MaxCharacters);
        TextRules.RequireCharacters($"{field}.name", write.Name, NewWrite.MaxCharacters);
        if (write.Index is < NewWrite.MinIndex or > NewWrite.MaxIndex)
        {
            throw new InvalidRequestException($"{field}.index", $"must be from {NewWrite.MinIndex} to {NewWrite.MaxIndex}");
        }

        if (!Enum.IsDefined(write.Mode))
        {
            throw new InvalidRequestException($"{field}.mode", "must be first or replace");
        }

        try
        {
            SessionRules.RequireContentType(write.ContentType);
        }
        catch (InvalidRequestException exception)
        {
            throw exception.In($"{field}.");
        }
        catch (OverLimitException exception)
        {
            throw exception.In($"{field}.");
        }

        if (write.Value.Length == 0)
        {
            throw new InvalidRequestException($"{field}.value", "must not be empty");
        }

        if (write.Value.Length > limits.WriteBytes)
        {
            throw new OverLimitException($"{field}.value", limits.WriteBytes, write.Value.Length, "bytes");
        }
    }
}
