using System.Buffers.Binary;
using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Forge.Identity;
using Forge.Operations;

namespace Forge.Grains.Sessions;

/// <summary>
/// The digest of an operation's input: what a repeat must have the same. It is the first 128 bits of SHA-256 over the name
/// and the properties, each behind its tag, which is the number of its <c>[Id]</c>, in rising order. A property that has the
/// default of its type, or is empty, is left out, so that one that is added later changes no digest of before.
/// </summary>
internal static class InputDigest
{
    /// <summary>The characters of a digest.</summary>
    public const int Length = 32;

    private const int End = -1;

    private static readonly ConcurrentDictionary<Type, Tagged[]> Properties = new();

    /// <summary>The digest in hexadecimal.</summary>
    public static string Of(IOperation input) => Of(input.Name, input);

    /// <summary>The digest in hexadecimal of what has a name of its own.</summary>
    public static string Of(string name, object input)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, name);
        AddProperties(hash, input);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, Length / 2));
    }

    private static void AddProperties(IncrementalHash hash, object owner)
    {
        foreach (var (tag, property) in Properties.GetOrAdd(owner.GetType(), Find))
        {
            var value = property.GetValue(owner);
            if (!IsDefault(property.PropertyType, value))
            {
                Add(hash, tag);
                AddValue(hash, value!);
            }
        }

        Add(hash, End);
    }

    /// <summary>Those of the type itself: what all operations have, the request id, says nothing of what is asked for.</summary>
    private static Tagged[] Find(Type type) => [.. type
        .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        .Select(property => (Id: property.GetCustomAttribute<IdAttribute>(), Property: property))
        .Where(found => found.Id is not null)
        .Select(found => new Tagged((int)found.Id!.Id, found.Property))
        .OrderBy(tagged => tagged.Tag)];

    /// <summary>Of a number that may be left out, null is the default, and zero is a value.</summary>
    private static bool IsDefault(Type type, object? value) => value switch
    {
        null or "" => true,
        ValueType when Nullable.GetUnderlyingType(type) is null => value.Equals(Activator.CreateInstance(type)),
        IEnumerable many and not string => !many.Cast<object>().Any(),
        _ => false,
    };

    private static void AddValue(IncrementalHash hash, object value)
    {
        switch (value)
        {
            case string text:
                Add(hash, text);
                break;
            case SessionId session:
                Add(hash, session.Value);
                break;
            case Guid id:
                hash.AppendData(id.ToByteArray(bigEndian: true));
                break;
            case ReadOnlyMemory<byte> bytes:
                Add(hash, bytes.Length);
                hash.AppendData(bytes.Span);
                break;
            case TimeSpan span:
                Add(hash, span.Ticks);
                break;
            case DateTimeOffset time:
                Add(hash, time.UtcTicks);
                break;
            case bool or Enum or short or int or long:
                Add(hash, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case IReadOnlyDictionary<string, string> pairs:
                // Two with the same pairs are the same, whatever the order.
                Add(hash, pairs.Count);
                foreach (var (name, text) in pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    Add(hash, name);
                    Add(hash, text);
                }

                break;
            case IEnumerable many:
                var items = many.Cast<object>().ToList();
                Add(hash, items.Count);
                items.ForEach(item => AddValue(hash, item));
                break;
            case not null when Properties.GetOrAdd(value.GetType(), Find).Length > 0:
                AddProperties(hash, value);
                break;
            default:
                throw new NotSupportedException($"No digest is made of {value?.GetType()}.");
        }
    }

    private static void Add(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Add(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void Add(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }

    private readonly record struct Tagged(int Tag, PropertyInfo Property);
}
