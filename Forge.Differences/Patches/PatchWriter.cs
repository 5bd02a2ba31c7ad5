using System.Buffers;
using Forge.Differences.Plans;
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

    private PatchWriter(long limit) => _limit = limit;

    /// <summary>The bytes so far, or of the whole patch.</summary>
    public int Length => _patch.WrittenCount;

    /// <summary>Writes a patch.</summary>
    /// <param name="root">What becomes of the document; null for nothing. Made a replacement if it is far too long else.</param>
    /// <param name="limit">The most bytes.</param>
    /// <param name="reached">The bytes it has, or had when it was given up.</param>
    /// <returns>The patch; null if it is too long.</returns>
    public static ReadOnlyMemory<byte>? Write(Edit? root, int limit, out int reached)
    {
        // Costs are reckoned before it is known where everything lies, so that it may still turn out too long.
        var writer = new PatchWriter(
            root?.Kind == EditKind.Inside ? Math.Min(limit, Costs.MostBeside((long)WholeFrame + root.To.Length)) : limit);
        var isWritten = writer.TryWrite(root);
        if (!isWritten && root!.Kind == EditKind.Inside)
        {
            (root.Kind, root.Inside) = (EditKind.Replace, null);
            writer = new PatchWriter(limit);
            isWritten = writer.TryWrite(root);
        }

        reached = writer.Length;
        return isWritten ? writer._patch.WrittenMemory : default(ReadOnlyMemory<byte>?);
    }

    private bool TryWrite(Edit? root)
    {
        _patch.Write("["u8);
        var isWritten = root is null || TryWriteEdit(root);
        _patch.Write("]"u8);
        return isWritten && Length <= _limit;
    }

    private bool TryWriteEdit(Edit edit)
    {
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
        _patch.Write(Length > 1 ? ",{\"op\":\""u8 : "{\"op\":\""u8);
        _patch.Write(operation);
        _patch.Write("\""u8);
        WritePointer(pointerName, pointer);
    }

    private void WritePointer(ReadOnlySpan<byte> name, ReadOnlySpan<byte> pointer)
    {
        _patch.Write(",\""u8);
        _patch.Write(name);
        _patch.Write("\":\""u8);
        JsonText.WriteEscaped(_patch, pointer);
        _patch.Write("\""u8);
    }

    private bool TryEnd(JsonPart value)
    {
        _patch.Write(",\"value\":"u8);
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
        _patch.Write("}"u8);
        return Length <= _limit;
    }
}
