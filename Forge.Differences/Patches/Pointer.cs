using System.Buffers;
using System.Buffers.Text;
using Forge.Differences.Plans;
using Forge.Differences.Trees;

namespace Forge.Differences.Patches;

/// <summary>Which document a pointer leads into.</summary>
internal enum PointerInto
{
    /// <summary>The first.</summary>
    From,

    /// <summary>The second.</summary>
    To,

    /// <summary>What the operations before have made of the first.</summary>
    Now,
}

/// <summary>Makes the JSON pointers (RFC 6901) of places, as plain text.</summary>
internal sealed class Pointer(PointerInto into)
{
    private static readonly SearchValues<byte> Special = SearchValues.Create("~/"u8);

    private readonly ArrayBufferWriter<byte> _text = new();

    /// <summary>The pointer to the place of an edit; overwritten by the next.</summary>
    public ReadOnlySpan<byte> Of(Edit edit)
    {
        _text.ResetWrittenCount();
        Append(edit);
        return _text.WrittenSpan;
    }

    private void Append(Edit edit)
    {
        if (edit.Container is not { } container)
        {
            return;
        }

        Append(container.Place);
        _text.Write("/"u8);
        if (container.IsArray)
        {
            Append(into switch
            {
                PointerInto.From => edit.FromIndex,
                PointerInto.To => edit.ToIndex,
                _ => container.IndexOf(edit),
            });
        }
        else
        {
            AppendName(edit.Named.Name);
        }
    }

    private void Append(int index)
    {
        Utf8Formatter.TryFormat(index, _text.GetSpan(11), out var written);
        _text.Advance(written);
    }

    private void AppendName(ReadOnlySpan<byte> name)
    {
        if (!JsonText.HasEscapes(name))
        {
            AppendPlain(name);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(name.Length);
        AppendPlain(buffer.AsSpan(0, JsonText.Unescape(name, buffer)));
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void AppendPlain(ReadOnlySpan<byte> name)
    {
        while (name.IndexOfAny(Special) is >= 0 and var at)
        {
            _text.Write(name[..at]);
            _text.Write(name[at] == '~' ? "~0"u8 : "~1"u8);
            name = name[(at + 1)..];
        }

        _text.Write(name);
    }
}
