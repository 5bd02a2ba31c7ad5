using System.Diagnostics.CodeAnalysis;
using Forge.Identity;
using Forge.Integrity;

namespace Forge.Client.Anchors;

/// <summary>
/// The newest anchor that a client was told of each session, of so many sessions as it may; those that were not called for longest go first.
/// </summary>
/// <param name="capacity">Of how many sessions, from 1.</param>
internal sealed class NewestAnchors(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SessionAddress, LinkedListNode<Kept>> _kept = [];
    private readonly LinkedList<Kept> _byUse = [];

    /// <summary>The newest anchor of a session; null if none is kept.</summary>
    public Anchor? Find(SessionAddress session)
    {
        lock (_gate)
        {
            return TryUse(session, out var node) ? node.Value.Anchor : null;
        }
    }

    /// <summary>Keeps an anchor, unless a newer one is kept.</summary>
    public void Note(SessionAddress session, Anchor anchor)
    {
        lock (_gate)
        {
            if (TryUse(session, out var node))
            {
                if (node.Value.Anchor.Position < anchor.Position)
                {
                    node.Value.Anchor = anchor;
                }

                return;
            }

            if (_kept.Count >= capacity)
            {
                // Its node serves again: a client of more sessions than it keeps anchors of would make one a call.
                node = _byUse.First!;
                _kept.Remove(node.Value.Session);
                _byUse.RemoveFirst();
                (node.Value.Session, node.Value.Anchor) = (session, anchor);
            }
            else
            {
                node = new LinkedListNode<Kept>(new Kept { Session = session, Anchor = anchor });
            }

            _kept.Add(session, node);
            _byUse.AddLast(node);
        }
    }

    /// <summary>Forgets the anchor of a session.</summary>
    public void Forget(SessionAddress session)
    {
        lock (_gate)
        {
            if (_kept.Remove(session, out var node))
            {
                _byUse.Remove(node);
            }
        }
    }

    private bool TryUse(SessionAddress session, [MaybeNullWhen(false)] out LinkedListNode<Kept> node)
    {
        if (!_kept.TryGetValue(session, out node))
        {
            return false;
        }

        if (!ReferenceEquals(_byUse.Last, node))
        {
            _byUse.Remove(node);
            _byUse.AddLast(node);
        }

        return true;
    }

    private sealed class Kept
    {
        public required SessionAddress Session { get; set; }

        public required Anchor Anchor { get; set; }
    }
}
