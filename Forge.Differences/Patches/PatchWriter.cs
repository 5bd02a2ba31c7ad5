using System.Buffers;
using Forge.Differences.Plans;
using Forge.Differences.Sequences;
using Forge.Differences.Trees;

namespace Forge.Differences.Patches;

/// <summary>Writes planned edits as a JSON Patch.</summary>
internal sealed class PatchWriter
{
    /// <summary>The bytes around the value of a patch that replaces the whole document.</summary>
    private const int WholeFrame = 40;

    private readonly ArrayBufferWriter<byte> _patch = new();
    private readonly Pointer _from = new(PointerInto.Now);
    private readonly Pointer _path = new(PointerInto.Now);
    private readonly long _limit;
    private readonly Budget _budget;

    /// <summary>The bytes so far. Those that would go beyond the limit are counted, and not written.</summary>
    private long _length;

    private PatchWriter(long limit, Budget budget) => (_limit, _budget) = (limit, budget);

    /// <summary>Writes a patch.</summary>
    /// <param name="root">What becomes of the document; null for nothing. Made a replacement if it is far too long else.</param>
    /// <param name="limit">The most bytes.</param>
    /// <param name="budget">Told of each edit.</param>
    /// <param name="reached">The bytes it has, or would have had when it was given up.</param>
    /// <returns>The patch; null if it is too long.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ReadOnlyMemory<byte>? Write(Edit? root, int limit, Budget budget, out long reached)
    {
        // Costs are reckoned before it is known where everything lies, so that it may still turn out too long.
        var writer = new PatchWriter(
            root?.Kind == EditKind.Inside ? Math.Min(limit, Costs.MostBeside((long)WholeFrame + root.To.CompactLength)) : limit,
            budget);
        var isWritten = writer.TryWrite(root);
        if (!isWritten && root!.Kind == EditKind.Inside)
        {
            (root.Kind, root.Inside) = (EditKind.Replace, null);
            writer = new PatchWriter(limit, budget);
            isWritten = writer.TryWrite(root);
        }

        reached = writer._length;
        return isWritten ? writer._patch.WrittenMemory : default(ReadOnlyMemory<byte>?);
    }

    private bool TryWrite(Edit? root)
    {
        Write("["u8);
        var isWritten = root is null || TryWriteEdit(root);
        Write("]"u8);
        return isWritten && _length <= _limit;
    }

    private bool TryWriteEdit(Edit edit)
    {
        _budget.Note();
        switch (edit.Kind)
        {
            case EditKind.Inside:
                return edit.Inside!.Edits.All(TryWriteEdit);
            case EditKind.Replace:
                WriteOperation("replace"u8, _path.Of(edit));
                return TryEnd(edit.To);
            case EditKind.Add:
                return edit.Partner is { } removed ? TryWriteMove(removed, edit) : TryWriteAddition(edit, _path.Of(edit));
            case EditKind.Remove when edit.Partner is null:
                WriteOperation("remove"u8, _path.Of(edit));
                edit.Container!.Note(edit);
                return TryEnd();
            default:
                return true;
        }
    }

    private bool TryWriteMove(Edit removed, Edit added)
    {
        // Where it goes is said as of when it has gone from where it was.
        var from = _from.Of(removed);
        removed.Container!.Note(removed);
        var path = _path.Of(added);
        if (path.Length > from.Length && path.StartsWith(from) && path[from.Length] == '/')
        {
            // What stands there now has the pointer of what went, and no move may go into its own place, not even by name. The removal
            // stands before, so that it was passed over already.
            (removed.Partner, added.Partner) = (null, null);
            WriteOperation("remove"u8, from);
            return TryEnd() && TryWriteAddition(added, path);
        }

        WriteOperation("move"u8, from, "from"u8);
        WritePointer("path"u8, path);
        added.Container!.Note(added);
        return TryEnd();
    }

    private bool TryWriteAddition(Edit added, ReadOnlySpan<byte> path)
    {
        WriteOperation("add"u8, path);
        added.Container!.Note(added);
        return TryEnd(added.To);
    }

    private void WriteOperation(ReadOnlySpan<byte> operation, ReadOnlySpan<byte> pointer) => WriteOperation(operation, pointer, "path"u8);

    private void WriteOperation(ReadOnlySpan<byte> operation, ReadOnlySpan<byte> pointer, ReadOnlySpan<byte> pointerName)
    {
        Write(_length > 1 ? ",{\"op\":\""u8 : "{\"op\":\""u8);
        Write(operation);
        Write("\""u8);
        WritePointer(pointerName, pointer);
    }

    private void WritePointer(ReadOnlySpan<byte> name, ReadOnlySpan<byte> pointer)
    {
        Write(",\""u8);
        Write(name);
        Write("\":\""u8);
        if (_length + pointer.Length <= _limit)
        {
            var before = _patch.WrittenCount;
            JsonText.WriteEscaped(_patch, pointer);
            _length += _patch.WrittenCount - before;
        }
        else
        {
            _length += pointer.Length;
        }

        Write("\""u8);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        if (_length <= _limit)
        {
            _patch.Write(bytes);
        }
    }

    private bool TryEnd(JsonPart value)
    {
        Write(",\"value\":"u8);
        _length += value.CompactLength;
        if (_length > _limit)
        {
            return false;
        }

        if (value.Kind is ValueKind.Object or ValueKind.Array)
        {
            JsonText.WriteCompact(_patch, value.Text);
        }
        else
        {
            _patch.Write(value.Text);
        }

        return TryEnd();
    }

    private bool TryEnd()
    {
        Write("}"u8);
        return _length <= _limit;
    }
}
