global using PcieFabric.Units;
