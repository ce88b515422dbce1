using PcieFabric.Engine;

namespace PcieFabric.Ports;

/// <summary>From one actor of a component to another: a channel for TLPs and what must stay in order with them, and one for credits, which overtake.</summary>
public readonly record struct InsideWay(ActorRef Tlps, ActorRef Credits);
