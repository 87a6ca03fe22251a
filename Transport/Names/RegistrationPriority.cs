namespace Kameo.Actors.Transport;

/// <summary>How soon a registration is told to others.</summary>
public enum RegistrationPriority : byte
{
    /// <summary>With the next tick of the node, within a tenth of a second, together with whatever else changed.</summary>
    Normal = 0,

    /// <summary>At once.</summary>
    Immediate = 1,
}
