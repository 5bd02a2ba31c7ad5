using System.Collections.Concurrent;

namespace Forge.Grains.Tests.Engine;

/// <summary>
/// Drives engines by a seeded stream of commands and commit outcomes beside a model that is plain lists, and holds the one
/// against the other after every step. Mostly there is one activation; now and then another writes beside it.
/// </summary>
internal sealed class SessionEngineModel
{
    private readonly Random _random;
    private readonly ModelWorld _world;
    private readonly ModelActivation?[] _activations = new ModelActivation?[2];

    public SessionEngineModel(int seed, ConcurrentDictionary<string, int> seen)
    {
        _random = new Random(seed);
        _world = new ModelWorld(_random, seen);
    }

    public int Commits => _world.Commits;

    public void Run(int steps)
    {
        // A deleted session refuses the rest, which need not be tried for long.
        for (var i = 0; i < steps; i += _world.Truth.DeletedAt is null ? 1 : steps / 10)
        {
            _world.Tick();
            ref var activation = ref _activations[_random.Next(30) == 0 ? 1 : 0];
            activation ??= new ModelActivation(_world, _random);
            if (_world.Truth.Version == 0 && _random.Next(8) == 0)
            {
                activation.Fork();
            }
            else if (_world.Truth.DeletedAt is not null && _random.Next(4) == 0)
            {
                if (_random.Next(3) == 0)
                {
                    activation.RememberDeletion();
                }
                else
                {
                    activation.Revive();
                }
            }
            else
            {
                Step(activation);
            }

            if (activation.IsOver ? _random.Next(6) == 0 : _random.Next(150) == 0)
            {
                // A new activation knows the head row and nothing else.
                activation = null;
            }
        }

        foreach (var activation in _activations)
        {
            while (activation is { HasPending: true })
            {
                activation.Begin();
                activation.End();
            }
        }

        _world.CheckRows();
    }

    private void Step(ModelActivation activation)
    {
        switch (_random.Next(100))
        {
            case < 24:
                activation.Create();
                break;
            case < 29:
                activation.ChangeEffect();
                break;
            case < 32:
                activation.Claim();
                break;
            case < 50:
                activation.Change();
                break;
            case < 53:
                activation.Remind();
                break;
            case < 55:
                activation.DeleteLine();
                break;
            case < 57:
                activation.SetSettings();
                break;
            case < 58:
                activation.Mend();
                break;
            case < 63:
                activation.Compact();
                break;
            case < 65 when _random.Next(4) == 0:
                activation.Fork();
                break;
            case < 65 when _random.Next(6) == 0:
                activation.Revive();
                break;
            case < 65 when _random.Next(4) == 0:
                activation.Clear();
                break;
            case < 65:
                activation.Import();
                break;
            case < 66 when _random.Next(4) == 0:
                activation.EndSession();
                break;
            case < 68:
                activation.Show();
                break;
            case < 78:
                activation.Begin();
                break;
            case < 84:
                activation.Land();
                break;
            default:
                activation.End();
                break;
        }
    }
}
